-- group: audience
-- english: How do the ranks of two days stand side by side, and who moved?
-- chinese: 两日名次对照，谁升谁降？
-- parameter: since Date = 2016-12-31; the first day, in Beijing; 起始日（北京时间）
-- parameter: at Date = today; the second day, in Beijing; 截止日（北京时间）
-- note: an account that is in one of the two rankings only has null in the other; 只在其中一个排名里的帐号，另一列为空
SELECT
    account_id,
    anyIf(toNullable(rank), place = 1) AS rank_before,
    anyIf(toNullable(rank), place = 2) AS rank_after,
    toInt64(rank_before) - toInt64(rank_after) AS places_gained,
    anyIf(toNullable(printed_rank), place = 1) AS printed_rank_before,
    anyIf(toNullable(counted), place = 1) AS followers_before,
    anyIf(toNullable(counted), place = 2) AS followers_after,
    anyIf(toNullable(moment), place = 1) AS observed_before_at,
    anyIf(toNullable(moment), place = 2) AS observed_at
FROM
(
    SELECT account_id, rank, printed_rank, followers AS counted, observed_at AS moment, 1 AS place
    FROM weibo.ranking(at = toString({since:Date}))
    UNION ALL
    SELECT account_id, rank, printed_rank, followers AS counted, observed_at AS moment, 2 AS place
    FROM weibo.ranking(at = toString({at:Date}))
)
GROUP BY account_id
ORDER BY rank_after NULLS LAST, rank_before NULLS LAST, account_id
