"""The Scrapy project: what is visited, how an answer is classified and parsed, and how it reaches Kafka."""
