"""What to look at next: pure functions over what is known of posts and accounts. No clock, no network, no disk."""
