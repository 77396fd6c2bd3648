-- group: posts
-- english: What does a post say, how does it stand, and what happened to it?
-- chinese: 某条微博的内容、现状与经历
-- parameter: post UInt64 required; the post's id (mid); 微博编号
SELECT
    posts.account_id AS account_id, posts.post_id AS post_id, bid, posts.created_at_beijing AS created_at_beijing, text,
    posts.kind AS kind, posts.format AS format, posts.topics AS topics, posts.reposts AS reposts, posts.reposts_at AS reposts_at,
    posts.comments AS comments, posts.comments_at AS comments_at, posts.likes AS likes, posts.likes_at AS likes_at,
    posts.views AS views, posts.removal AS removal, posts.first_missing_at AS first_missing_at,
    posts.versions AS versions, measures.language AS language, measures.samples AS samples,
    round(measures.interaction_rate, 3) AS interaction_rate, measures.ratio AS ratio,
    measures.score_age_s AS score_age_s, measures.expected AS expected, measures.benchmark AS benchmark,
    measures.benchmark_posts AS benchmark_posts, measures.settled AS settled, measures.derived_at AS derived_at
FROM weibo.posts AS posts
LEFT JOIN
(
    SELECT
        account_id, post_id, toNullable(language) AS language, toNullable(samples) AS samples, interaction_rate, ratio,
        score_age_s, expected, toNullable(benchmark) AS benchmark, toNullable(benchmark_posts) AS benchmark_posts,
        toNullable(settled) AS settled, toNullable(derived_at) AS derived_at
    FROM weibo.post_measures
    WHERE post_id = {post:UInt64}
) AS measures ON measures.account_id = posts.account_id AND measures.post_id = posts.post_id
WHERE posts.post_id = {post:UInt64}
