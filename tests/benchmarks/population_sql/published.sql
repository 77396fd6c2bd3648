FROM
(
    SELECT a, i, published_at(a, i) AS published, greatest({begin:UInt64}, published) + 900 AS seen
    FROM (SELECT {a0:UInt64} + number % {an:UInt64} AS a, intDiv(number, {an:UInt64}) AS i FROM numbers({an:UInt64} * {days:UInt64} * 6))
    WHERE i < rate_of(a) * {days:UInt64} AND published < {end:UInt64} AND published + 864000 > {begin:UInt64}
)
