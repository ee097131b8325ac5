"""The files: choosing, downloading and verifying the data, saving what is learned."""
