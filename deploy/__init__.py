"""How it is brought up: the `weiplomacy` command, the one-machine stack and the Weibo replica."""
