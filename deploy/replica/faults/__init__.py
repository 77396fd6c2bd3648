"""How the replica misbehaves: a scenario of faults stands between the visits and the answers.

A fault is a kind (the table in kinds.py) that applies where it matches (match.py); a scenario is a seed and a list of
them (scenario.py). Faults of the content change what can be seen of the world (seen.py) before an answer is made from
it; all others replace, change, delay or damage the answer (layer.py). The truth of the control port knows of none.

Repeatable: whether a fault strikes is a function of the seed, its name, and the number of matching requests before
(`by = "count"`), the request itself (`by = "request"`), or the post or account that it is about (content). So the same
requests in the same order get the same faults, whatever other faults there are.
"""
