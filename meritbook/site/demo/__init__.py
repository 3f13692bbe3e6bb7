"""The demo company 华晟贸易: people, the source's rule tables, two months of seeded events."""
