"""How is a course kept right on a CalDAV server?"""
