-- group: trust
-- english: How completely was each account read: visits, holes, posts and comments read beside those reported?
-- chinese: 各帐号的采集完整度
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 7; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
WITH
    visits AS
    (
        SELECT
            account_id, count() AS visits_made, countIf(complete) AS visits_complete, max(ended_at) AS last_visit,
            argMax(stop_reason, ended_at) AS last_stop_reason, argMax(posts_reported, ended_at) AS reported,
            sum(comments_captured) AS comments_read, sum(comments_reported) AS comments_shown
        FROM weibo.receipts
        WHERE toDate(ended_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
            AND spider NOT IN ('names', 'canary')
        GROUP BY account_id
    ),
    read AS
    (
        SELECT account_id, count() AS posts_read FROM weibo.post_measures GROUP BY account_id
    )
SELECT
    accounts.account_id AS account_id, visits_made, visits_complete, if(visits_made = 0, NULL, last_visit) AS last_visit_at,
    if(visits_made = 0, NULL, last_stop_reason) AS last_stop_reason, posts_read, reported AS posts_reported,
    round(100 * posts_read / nullIf(reported, 0), 1) AS posts_percent, comments_read, comments_shown,
    round(100 * comments_read / nullIf(comments_shown, 0), 1) AS comments_percent
FROM weibo.accounts AS accounts
LEFT JOIN visits ON visits.account_id = accounts.account_id
LEFT JOIN read ON read.account_id = accounts.account_id
WHERE {country:String} = '' OR country_code = {country:String}
ORDER BY visits_complete, visits_made, account_id
