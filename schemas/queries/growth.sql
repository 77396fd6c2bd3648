-- group: audience
-- english: Whose followers grew or fell between two days, and by how much for certain?
-- chinese: 两日之间谁的粉丝增减，确定的范围是多少？
-- parameter: since Date = today-30; the first day, in Beijing; 起始日（北京时间）
-- parameter: at Date = today; the second day, in Beijing; 截止日（北京时间）
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- note: growth is null where rounding may hide it: growth_low and growth_high bound it; 变化被四舍五入掩盖时 growth 为空，看上下界
WITH
    before AS
    (
        SELECT
            account_id,
            toNullable(rank) AS rank_before,
            toNullable(followers) AS followers_before,
            toNullable(followers_low) AS low_before,
            toNullable(followers_high) AS high_before,
            toNullable(observed_at) AS observed_before_at
        FROM weibo.ranking(at = toString({since:Date}))
    )
SELECT
    rank, rank_before, account_id, name_en, country_code, followers, followers_before,
    toInt64(followers_low) - toInt64(high_before) AS growth_low,
    toInt64(followers_high) - toInt64(low_before) AS growth_high,
    if(
        ifNull(growth_low = growth_high, false) OR ifNull(growth_low > 0, false) OR ifNull(growth_high < 0, false),
        toInt64(followers) - toInt64(followers_before),
        NULL
    ) AS growth,
    round(100 * growth / nullIf(followers_before, 0), 2) AS growth_percent,
    observed_at, observed_before_at
FROM weibo.ranking(at = toString({at:Date})) AS newest
LEFT JOIN before USING (account_id)
WHERE ({country:String} = ''
    OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
ORDER BY growth DESC NULLS LAST, rank, account_id
