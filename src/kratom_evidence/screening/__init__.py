"""Keeping the review alive: the saved search, the records that it finds, and how many went which way (PRISMA 2020)."""
