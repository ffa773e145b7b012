"""What does another program do with a schedule and a course?"""
