"""How do schedules and courses stand in files, read and written?"""
