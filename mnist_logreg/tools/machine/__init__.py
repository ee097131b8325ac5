"""This machine: doctor, JupyterLab, data, speed."""
