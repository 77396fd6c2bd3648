-- group: conversation
-- english: What did each event of the calendar change: comments and interactions of the days around it?
-- chinese: 日历事件前后的评论与互动
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 365; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- parameter: around UInt8 = 3; days before that are compared with; 对照的之前天数
-- note: per day that is known, over the accounts that the event concerns: its country's, or all; 按日均，范围为事件所涉国家或全部帐号
WITH
    events AS
    (
        SELECT day_from, day_to, ifNull(country_code, '') AS event_country, name_en, name_zh
        FROM weibo.calendar
        WHERE day_from BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
    ),
    -- Days of countries, not of accounts, are laid beside the events.
    daily AS
    (
        SELECT
            day, ifNull(country_code, '') AS code, groupArray(days.account_id) AS of_accounts,
            sum(comments_gained) AS comments, sum(interactions_gained) AS interactions, sum(deltas_unknown) AS unknowns
        FROM weibo.account_days AS days
        LEFT JOIN weibo.accounts AS accounts ON accounts.account_id = days.account_id
        WHERE samples > 0 AND ({country:String} = '' OR country_code = {country:String}) AND day IN
        (
            SELECT arrayJoin(arrayMap(
                after -> toDate32(day_from - {around:UInt8} + after), range(toUInt32(day_to - day_from + {around:UInt8} + 1))
            ))
            FROM events
        )
        GROUP BY day, code
    )
SELECT
    name_en, name_zh, day_from, day_to, event_country, uniqExactArray(of_accounts) AS accounts,
    uniqExactIf(day, during) AS days_during, uniqExactIf(day, NOT during) AS days_before,
    round(sumIf(comments, during) / nullIf(days_during, 0), 1) AS comments_a_day,
    round(sumIf(comments, NOT during) / nullIf(days_before, 0), 1) AS comments_a_day_before,
    round(sumIf(interactions, during) / nullIf(days_during, 0), 1) AS interactions_a_day,
    round(sumIf(interactions, NOT during) / nullIf(days_before, 0), 1) AS interactions_a_day_before,
    sum(unknowns) AS unknown
FROM
(
    SELECT *, day >= day_from AS during
    FROM events
    CROSS JOIN daily
    WHERE event_country IN ('', code) AND day BETWEEN day_from - {around:UInt8} AND day_to
)
GROUP BY name_en, name_zh, day_from, day_to, event_country
ORDER BY day_from, name_en
