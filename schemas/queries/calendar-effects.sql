-- group: conversation
-- english: What did each event of the calendar change: comments and interactions of the days around it?
-- chinese: 日历事件前后的评论与互动
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 365; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- parameter: around UInt8 = 3; days before that are compared with; 对照的之前天数
-- note: per day that is known, over the accounts that the event concerns: its country's, or all; 按日均，范围为事件所涉国家或全部帐号
SELECT
    name_en, name_zh, day_from, day_to, event_country, uniqExact(account_id) AS accounts,
    uniqExactIf(day, during) AS days_during, uniqExactIf(day, NOT during) AS days_before,
    round(sumIf(comments_gained, during) / nullIf(days_during, 0), 1) AS comments_a_day,
    round(sumIf(comments_gained, NOT during) / nullIf(days_before, 0), 1) AS comments_a_day_before,
    round(sumIf(interactions_gained, during) / nullIf(days_during, 0), 1) AS interactions_a_day,
    round(sumIf(interactions_gained, NOT during) / nullIf(days_before, 0), 1) AS interactions_a_day_before,
    sum(deltas_unknown) AS unknown
FROM
(
    SELECT *, day >= day_from AS during
    FROM
    (
        SELECT
            days.account_id AS account_id, day, comments_gained, interactions_gained, deltas_unknown, arrayJoin(events) AS event,
            event.1 AS day_from, event.2 AS day_to, event.3 AS event_country, event.4 AS name_en, event.5 AS name_zh
        FROM weibo.account_days AS days
        LEFT JOIN weibo.accounts AS accounts ON accounts.account_id = days.account_id
        CROSS JOIN
        (
            SELECT groupArray((day_from, day_to, ifNull(country_code, ''), name_en, name_zh)) AS events
            FROM weibo.calendar
            WHERE day_from BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
        ) AS calendar
        WHERE samples > 0 AND day BETWEEN {until:Date} - {days:UInt16} + 1 - {around:UInt8} AND {until:Date} + 366
            AND ({country:String} = '' OR country_code = {country:String})
            AND event_country IN ('', ifNull(country_code, ''))
            AND day BETWEEN day_from - {around:UInt8} AND day_to
    )
)
GROUP BY name_en, name_zh, day_from, day_to, event_country
ORDER BY day_from, name_en
