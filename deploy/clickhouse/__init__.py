"""ClickHouse on one machine: the chDB engine, owned by one process, served over the HTTP protocol of ClickHouse.

The way of a request: `credentials` lets it in, `parameters` and `statement` read it, `intake` takes its body in,
`admission` gives it a place, a `port` executes it in the threads of `work` on a fresh handle of the `engine`, `rows`
and `answer` send what comes out. On the `analysts_port` the `guard` judges it first, by `classifier`, `syntax_tree` and
what is `allowed`. What an operator should know:

- **Durability.** An insert is acknowledged when its part is written: the death of the process at any moment loses
  nothing acknowledged. A power failure may, unless `--fsync` is given. An insert whose client vanished before its
  end inserts nothing; one that was taken in whole is carried out even when its client is gone.
- **Databases.** Requests without a database, or with `default`, run in `weibo`. chDB's own `default`, an overlay over
  the file system, is replaced by an ordinary database as long as nobody has put tables there.
- **Settings** of a request live on a handle that is closed with it. Sessions keep what SET and USE change.
- **Limits.** Memory in all and per query, threads per query, places for queries, looks and writes apart.
- **Access.** A password for each port, from a file, and HTTPS. It listens on this machine only, unless it has one or is
  told otherwise. The port of analysts reads only, within limits that a request may tighten.
- **Compression.** HTTP's (lz4, zstd, gzip, deflate) and ClickHouse's own blocks (`compress=1`, `decompress=1`), which
  its JDBC driver asks for. Whoever asks for both gets the blocks inside of HTTP's coding. Errors are in blocks as well,
  also one that comes after the first rows; only who is not let in hears it in plain text. A block that is taken in may
  decode to 64 MiB, on the port of analysts to 16 MiB.
- **Not here (a clear refusal):** users and roles, temporary tables, INTO OUTFILE, INFILE.
"""
