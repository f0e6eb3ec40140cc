"""Texts that posts of tests are made of."""

STAIRS = """In unserem Haus gibt es einen Aufzug und eine Treppe. Wer den Aufzug nimmt, ist
schneller oben. Wer die Treppe nimmt, trifft im Durchschnitt zwei Menschen und bleibt mit einem
davon stehen.

Wenn wir über Plattformen reden, reden wir fast immer über Aufzüge: schneller, weniger Klicks,
direkt ans Ziel. Ich glaube, wir bräuchten mehr Treppen."""
STAIRS_MENDED = STAIRS.replace("Durchschnitt", "Durchschnit").replace("glaube", "glaube auch")
OTHER = """Ein kleiner Widerspruch zum Einstieg. In den Texten klingt es, als hätten Firmen früher
aus lauter einsamen Schreibtischen bestanden. Mein Großvater arbeitete in einer Druckerei, und das
Netz dort war der Pausenraum. Jeder wusste, wer die Walze richten konnte."""
WEEKLY = """Auch in dieser Woche gibt es wieder einen Brief an alle. Texte, Termine und Verweise
stehen wie immer auf der Kursseite; denkt bitte an den Hashtag, sonst findet euch niemand.
Technische Fragen beantwortet die Werkstatt, alles andere das Kursteam.

Das Thema diesmal: {topic}.

Wer diesen Brief nicht mehr bekommen möchte, antwortet mit einem Wort. Eine gute Woche wünscht das
Team."""
