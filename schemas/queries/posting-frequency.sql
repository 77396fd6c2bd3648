-- group: activity
-- english: How many posts has each account in all, and how many a week in the period?
-- chinese: 各帐号共发多少微博，每周多少？
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 28; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- note: posts are those that were read; posts_reported_gain is what the account's own counter grew by: more means that posts were missed; posts 为已读取数，posts_reported_gain 为帐号自报增量，后者更大说明有遗漏
WITH
    read AS
    (
        SELECT account_id, count() AS posts, countIf(kind = 'repost') AS reposts_of_others
        FROM weibo.post_measures
        WHERE toDate(created_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
        GROUP BY account_id
    ),
    reported AS
    (
        SELECT
            account_id,
            argMax(posts_reported, day) AS posts_in_all,
            argMaxIf(posts_reported, day, day <= {until:Date} - {days:UInt16}) AS posts_before,
            countIf(day <= {until:Date} - {days:UInt16} AND isNotNull(posts_reported)) AS known_before,
            maxIf(day, isNotNull(posts_reported)) AS newest_day
        FROM weibo.account_days
        WHERE day <= {until:Date}
        GROUP BY account_id
    )
SELECT
    accounts.account_id AS account_id, posts, round(posts * 7 / {days:UInt16}, 1) AS posts_per_week, reposts_of_others,
    posts_in_all, if(known_before = 0, NULL, toInt64(posts_in_all) - toInt64(posts_before)) AS posts_reported_gain,
    if(ifNull(posts_in_all, 0) = 0, NULL, newest_day) AS reported_on
FROM weibo.accounts AS accounts
LEFT JOIN read ON read.account_id = accounts.account_id
LEFT JOIN reported ON reported.account_id = accounts.account_id
WHERE {country:String} = '' OR country_code = {country:String}
ORDER BY posts DESC, account_id
