-- group: trust
-- english: How completely was each account read: visits, holes, posts and comments read beside those reported?
-- chinese: 各帐号的采集完整度
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 7; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
WITH
    read AS
    (
        SELECT
            account_id, sumIf(visits, of_period) AS visits_made, sumIf(days.visits_complete, of_period) AS complete_visits,
            maxIf(days.last_visit_at, of_period) AS newest_visit_at,
            argMaxIf(days.last_stop_reason, days.last_visit_at, of_period AND days.visits > 0) AS stop_reason,
            sumIf(comments_captured, of_period) AS comments_read, sumIf(comments_reported, of_period) AS comments_shown,
            sum(posts_published) AS posts_read, argMaxIf(posts_reported, day, isNotNull(posts_reported)) AS reported
        FROM
        (
            SELECT *, day >= {until:Date} - {days:UInt16} + 1 AS of_period
            FROM weibo.account_days
            WHERE day <= {until:Date}
        ) AS days
        GROUP BY account_id
    )
SELECT
    accounts.account_id AS account_id, visits_made, complete_visits AS visits_complete,
    newest_visit_at AS last_visit_at,
    if(visits_made = 0, NULL, stop_reason) AS last_stop_reason, posts_read, reported AS posts_reported,
    round(100 * posts_read / nullIf(reported, 0), 1) AS posts_percent, comments_read, comments_shown,
    round(100 * comments_read / nullIf(comments_shown, 0), 1) AS comments_percent
FROM weibo.accounts AS accounts
LEFT JOIN read ON read.account_id = accounts.account_id
WHERE {country:String} = '' OR country_code = {country:String}
ORDER BY visits_complete, visits_made, account_id
