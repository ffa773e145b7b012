"""What is a reader told, in the reader's language?"""
