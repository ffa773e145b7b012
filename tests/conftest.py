"""What all tests share: Hypothesis asserts no times, which depend on the machine."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
