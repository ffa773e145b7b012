"""How do schedules and courses stand in files, and what may they say?"""
