"""The page as PDF, by WeasyPrint, the optional extra `pdf` (docs/decisions/0005-page.md)."""

from dosecal.errors import PdfMissingError


def pdf_bytes(page: bytes, paper: str) -> bytes:
    """Return a page as PDF on a paper such as "A4"; nothing is fetched from anywhere.

    Raises:
        PdfMissingError: The extra, or a library of the system that it needs, is not installed.
    """
    try:
        from weasyprint import CSS, HTML, URLFetcher
    except (ImportError, OSError) as error:
        raise PdfMissingError(str(error)) from error
    html = HTML(string=page.decode(), url_fetcher=URLFetcher(allowed_protocols=()))
    size = CSS(string=f"@page {{ size: {paper}; }}")
    data = html.write_pdf(stylesheets=[size], pdf_identifier=b"dosecal")
    return bytes(data)
