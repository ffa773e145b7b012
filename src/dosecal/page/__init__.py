"""What stands on the printed page?"""
