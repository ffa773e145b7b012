"""How do doses become a calendar file (RFC 5545)?"""
