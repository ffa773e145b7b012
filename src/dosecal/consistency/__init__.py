"""What may a schedule or a course not say against itself?"""
