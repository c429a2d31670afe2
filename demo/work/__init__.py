"""What the page computes, without Gradio."""
