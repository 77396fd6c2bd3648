-- group: audience
-- english: Where do followers grow without posts, or react far less than those of its peers? (a signal, never a verdict)
-- chinese: 哪些帐号无帖增粉，或粉丝互动远低于同类？（仅为信号，不是定论）
-- parameter: few Float64 = 0.2; far less means below so many times the peers' median; 低于同类中位数的倍数
-- parameter: days UInt16 = 90; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- note: a signal, never a verdict: silence, topics and Weibo's own recommendations give the same picture; 仅为信号，绝非定论：话题、停更与平台推荐也会如此
WITH
    accounts_of_period AS
    (
        SELECT
            account_id,
            argMinIf((followers, followers_low, followers_high), day, isNotNull(followers)) AS first,
            argMaxIf((followers, followers_low, followers_high), day, isNotNull(followers)) AS last,
            sum(posts_published) AS posts,
            sumIf(toNullable(interactions_gained), samples > 0) AS interactions,
            max(followers_at) AS newest_at
        FROM weibo.account_days
        WHERE day BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
        GROUP BY account_id
    ),
    rates AS
    (
        SELECT *, interactions / nullIf(last.1, 0) * 1000 AS rate FROM accounts_of_period
    ),
    beside_peers AS
    (
        SELECT *, quantileExactInclusive(0.5)(rate) OVER () AS peers_rate, count(rate) OVER () AS peers FROM rates
    )
SELECT
    account_id, last.1 AS followers,
    toInt64(last.2) - toInt64(first.3) AS growth_low, toInt64(last.3) - toInt64(first.2) AS growth_high,
    posts, interactions,
    round(rate, 3) AS interactions_per_1000,
    round(peers_rate, 3) AS peers_median, peers,
    round(rate / nullIf(peers_rate, 0), 3) AS of_peers,
    toBool(posts = 0 AND ifNull(growth_low > 0, false)) AS growth_without_posts,
    toBool(ifNull(rate < {few:Float64} * peers_rate, false)) AS few_interactions,
    newest_at AS followers_at
FROM beside_peers
WHERE growth_without_posts OR few_interactions
ORDER BY growth_without_posts + few_interactions DESC, of_peers NULLS LAST, account_id
