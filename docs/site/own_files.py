"""A hook of MkDocs: pages load MathJax from the site itself, from wherever the site is opened."""

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

MARKED = '<script src="site:'  # mkdocs.yml writes an address from the top of the site so.
# The package holds one font only, and MathJax would look for another.
FONT = """<script type="text/x-mathjax-config">
MathJax.Hub.Config({
  "HTML-CSS": {availableFonts: [], preferredFont: null, webFont: "STIX-Web", scale: 90}
});
</script>
"""


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Make the address of MathJax relative to the page, and name its font before it."""
    top = get_relative_url(".", page.url)
    return output.replace(MARKED, f'{FONT}<script src="{top}/')
