-- group: conversation
-- english: On which days did comments come in a wave, and what stood on the calendar?
-- chinese: 哪些天评论成潮？当时有何事件？
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 365; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- parameter: least UInt32 = 50; comments gained in the day at least; 单日新增评论下限
-- parameter: times Float64 = 5; so many times the account's median day; 为该帐号中位日的倍数
-- note: an account with fewer than five days with a sample has no usual day; after days without one, a step is larger; events are those of the day or the day before, for the account's country or for all: beside the wave, not its proven cause; 有采样的天数不足五天的帐号不计；采样中断之后增量会偏大；列出当日或前一日的事件，未必是原因
WITH
    of_period AS
    (
        SELECT
            account_id, day, comments_gained, posts_published, comments_captured, comments_reported, newest_sample_at,
            quantileExactInclusiveIf(0.5)(comments_gained, samples > 0) OVER of_account AS median_comments,
            countIf(samples > 0) OVER of_account AS days_known
        FROM weibo.account_days
        WHERE day BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
            AND ({country:String} = ''
                OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
        WINDOW of_account AS (PARTITION BY account_id)
    ),
    high AS
    (
        SELECT *
        FROM of_period
        WHERE days_known >= 5 AND comments_gained >= {least:UInt32}
            AND comments_gained >= {times:Float64} * greatest(median_comments, 1)
    ),
    events AS
    (
        -- An event counts on its days, and on the one after.
        SELECT day, groupArray((country_code, concat(name_en, ' ', name_zh))) AS events
        FROM
        (
            SELECT
                arrayJoin(arrayMap(later -> day_from + later, range(toUInt32(dateDiff('day', day_from, day_to)) + 2))) AS day,
                ifNull(country_code, '') AS country_code, name_en, name_zh
            FROM weibo.calendar
        )
        GROUP BY day
    )
SELECT
    high.account_id AS account_id, high.day AS day, comments_gained, median_comments, days_known,
    round(comments_gained / greatest(median_comments, 1), 1) AS times_usual, posts_published,
    arrayMap(event -> event.2, arrayFilter(event -> event.1 IN ('', ifNull(country_code, '')), events)) AS calendar_events,
    comments_captured, comments_reported, newest_sample_at
FROM high
LEFT JOIN weibo.accounts AS accounts ON accounts.account_id = high.account_id
LEFT JOIN events ON events.day = high.day
ORDER BY comments_gained DESC, account_id, day
