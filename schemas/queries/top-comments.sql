-- group: conversation
-- english: Which comments under a post have the most likes?
-- chinese: 某条微博下获赞最多的评论
-- parameter: post UInt64 required; the post's id (mid); 微博编号
-- parameter: limit UInt16 = 20; rows at most; 行数上限
SELECT
    comment_id, root_id, likes, replies, text, author_name, author_account_id, has_picture, region, created_at_beijing,
    observed_at
FROM weibo.comments
WHERE post_id = {post:UInt64}
ORDER BY likes DESC NULLS LAST, comment_id
LIMIT {limit:UInt16}
