-- group: conversation
-- english: What is the conversation under each post like: people, replies, depth, pictures, and how much of it was read?
-- chinese: 每条微博下的讨论：人数、回复、深度、图片，以及读到多少
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 7; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- parameter: limit UInt16 = 20; rows at most; 行数上限
-- note: read_percent is comments read ÷ comments shown: below 100 the rest was not read, or is shown to nobody; read_percent 为已读÷显示的评论数
WITH
    published AS
    (
        SELECT account_id, post_id, created_at_beijing, comments
        FROM weibo.post_measures
        WHERE toDate(created_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
            AND ({country:String} = ''
                OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
    ),
    threads AS
    (
        SELECT
            account_id, post_id, root_id, count() AS written,
            groupUniqArrayIf(author_key, ifNull(author_account_id != account_id, true)) AS writers,
            countIf(has_picture) AS pictures, countIf(isNotNull(author_account_id)) AS of_accounts
        FROM weibo.comments
        WHERE post_id IN (SELECT post_id FROM published)
        GROUP BY account_id, post_id, root_id
    ),
    talk AS
    (
        SELECT
            account_id, post_id, sum(written) AS comments_read, uniqExactArray(writers) AS people,
            sumIf(written, isNotNull(root_id)) AS replies, maxIf(written, isNotNull(root_id)) AS longest_thread,
            sum(pictures) AS with_picture, sum(of_accounts) AS by_accounts
        FROM threads
        GROUP BY account_id, post_id
    )
SELECT
    published.account_id AS account_id, published.post_id AS post_id, created_at_beijing, comments AS comments_shown,
    comments_read, round(100 * comments_read / nullIf(comments, 0), 1) AS read_percent, people, replies,
    round(100 * replies / comments_read, 1) AS replies_percent, longest_thread, with_picture, by_accounts
FROM published
INNER JOIN talk ON talk.account_id = published.account_id AND talk.post_id = published.post_id
ORDER BY people DESC, account_id, post_id
LIMIT {limit:UInt16}
