eddy-plugin-signature-v1
key: fe812c12f3ab4ce6
signature: Dm8QJ0vC21T6Y8itvEXtgtAiEabdYK9rkTJVL8SAi3DtqbKLBPeVsdF6Zm56+2usIUiOzQxRIqbR/ezMEGL0BQ==
comment: first release
