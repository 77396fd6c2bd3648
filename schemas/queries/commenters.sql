-- group: conversation
-- english: How many people comment under an account's posts, and how many of them for the first time?
-- chinese: 各帐号的评论者：人数、新来与回头
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 30; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- parameter: usual UInt16 = 90; days before the period that are looked back on; 回看天数
-- note: under the posts of the period; people are keyed hashes; only comments that were read count: comment-coverage says how many that is; new means that none of theirs was read under the posts of the days before; 评论者为加密散列，仅计已读评论；“新”指此前若干天所发微博下未读到其评论
WITH
    published AS
    (
        SELECT post_id, toDate(created_at_beijing) > {until:Date} - {days:UInt16} AS of_period
        FROM weibo.post_measures
        WHERE toDate(created_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 - {usual:UInt16} AND {until:Date}
            AND ({country:String} = ''
                OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
    ),
    people AS
    (
        SELECT
            account_id, author_key, countIf(post_id IN (SELECT post_id FROM published WHERE of_period)) AS written,
            count() - written AS written_before
        FROM weibo.comments
        WHERE post_id IN (SELECT post_id FROM published) AND ifNull(author_account_id != account_id, true)
        GROUP BY account_id, author_key
    )
SELECT
    account_id, countIf(written > 0) AS commenters, countIf(written > 0 AND written_before = 0) AS new,
    countIf(written > 0 AND written_before > 0) AS returning, sum(written) AS comments,
    round(comments / nullIf(commenters, 0), 2) AS comments_each,
    max(written) AS most_by_one
FROM people
GROUP BY account_id
HAVING commenters > 0
ORDER BY commenters DESC, account_id
