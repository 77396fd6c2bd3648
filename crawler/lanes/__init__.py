"""Lanes: sessions, each with its way out, its budget and its health. One lane belongs to one worker.

`health`, `budget` and `judgement` are pure; `plans` reads the settings; `turns`, `lane` and `dispatch` decide which
request goes next, and by which lane; crawler.middlewares.lanes carries it out.
"""
