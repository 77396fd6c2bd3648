"""A small Weibo to practise on: real host names, pages, JSON, cookies and blocks, with a ground truth."""
