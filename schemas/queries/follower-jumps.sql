-- group: audience
-- english: When did followers jump, and what was posted, and on the calendar, just before?
-- chinese: 粉丝何时突增？此前发了什么、有何事件？
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 365; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- parameter: least UInt32 = 100; followers gained in a day at least, for certain; 单日至少确定增加
-- parameter: times Float64 = 3; so many times the account's median daily gain; 为该帐号每日增量中位数的倍数
-- parameter: before UInt8 = 3; days before the jump that are looked at; 回看天数
-- note: what came before a jump need not have caused it; rounded figures grow in steps, so for large accounts a step is no jump; 先于突增者未必是其原因；大帐号的取整数字呈阶梯状，一级台阶不等于突增
WITH
    changes AS
    (
        SELECT
            account_id, day, followers, followers_at,
            toInt64(followers) - toInt64(lagInFrame(toNullable(followers)) OVER before) AS gain,
            toInt64(followers_low) - toInt64(lagInFrame(toNullable(followers_high)) OVER before) AS gain_low,
            dateDiff('day', lagInFrame(toNullable(day)) OVER before, day) AS gain_days
        FROM weibo.account_days
        -- A day without a figure of its own repeats that of an earlier one.
        WHERE toDate(toTimeZone(followers_at, 'Asia/Shanghai')) = day
            AND day BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
            AND ({country:String} = ''
                OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
        WINDOW before AS (PARTITION BY account_id ORDER BY day ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
    ),
    jumps AS
    (
        SELECT *
        FROM
        (
            SELECT *, quantileExactInclusive(0.5)(gain / gain_days) OVER (PARTITION BY account_id) AS median_gain
            FROM changes
        )
        WHERE gain_low >= {least:UInt32} AND gain / gain_days >= {times:Float64} * greatest(median_gain, 1)
    ),
    published AS
    (
        SELECT account_id, groupArray((toDate(created_at_beijing), post_id, interactions)) AS posts
        FROM weibo.post_measures
        WHERE toDate(created_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 - {before:UInt8} AND {until:Date}
        GROUP BY account_id
    ),
    events AS
    (
        SELECT groupArray((day_from, day_to, ifNull(country_code, ''), name_en)) AS events FROM weibo.calendar
    )
SELECT * EXCEPT (preceding)
FROM
(
    SELECT
        jumps.account_id AS account_id, day, gain, gain_low, gain_days, median_gain, followers,
        arrayReverseSort(
            post -> ifNull(post.3, 0),
            arrayFilter(post -> post.1 BETWEEN day - {before:UInt8} AND day, published.posts)
        ) AS preceding,
        length(preceding) AS posts_before,
        if(posts_before = 0, NULL, preceding[1].2) AS strongest_post_id,
        if(posts_before = 0, NULL, preceding[1].3) AS strongest_interactions,
        arrayMap(
            event -> event.4,
            arrayFilter(
                event -> event.1 <= day AND event.2 >= day - {before:UInt8} AND event.3 IN ('', ifNull(country_code, '')),
                events
            )
        ) AS events_before,
        followers_at
    FROM jumps
    LEFT JOIN published ON published.account_id = jumps.account_id
    LEFT JOIN weibo.accounts AS accounts ON accounts.account_id = jumps.account_id
    CROSS JOIN events
)
ORDER BY gain DESC, account_id, day
