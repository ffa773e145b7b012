"""What follows from a course, and on which day?"""
