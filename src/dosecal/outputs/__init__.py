"""What does a command answer: lists, tables, JSON, CSV?"""
