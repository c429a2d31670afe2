"""The texts of the page in English and Chinese; the browser's own page has web/words.js."""
