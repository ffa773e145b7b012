"""Where is a file found, and how is it read and written whole?"""
