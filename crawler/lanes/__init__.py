"""Lanes: sessions, each with its way out, its budget and its health. One lane belongs to one worker.

`health`, `budget` and `judgement` are pure; `plans` reads the settings; `turns`, `lane` and `dispatch` decide which
request goes next, and by which lane; `logbook` keeps pauses and spending for the next run; `egress` looks whether there
is a way out; crawler.middlewares.lanes carries it all out.
"""
