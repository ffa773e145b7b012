"""What is to be done for many patients at once?"""
