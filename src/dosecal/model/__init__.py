"""What is a dose, a date, a schedule, a course, a reason?"""
