"""The crawler's memory of each account: what is covered, which posts are watched, what is still owed.

It is a compacted topic keyed by account. Every record is written after Kafka has acknowledged what it speaks of, so an
old record can cause repeats and never a hole.
"""
