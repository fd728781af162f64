# SPDX-License-Identifier: GPL-3.0-or-later
"""German: Finishing, sound and delivery."""

WORDS = {
    "Run the steps that are set over the strip and put the result on the channel above it": (
        "Die eingestellten Schritte auf den Streifen anwenden und das Ergebnis auf den Kanal darüber legen"
    ),
    "Render to Movie": "Zu Film rendern",
    "Render the strip alone, as it is seen, to a movie on the channel above, for edits that work on movies. "
    "Another Blender does it, from a copy of the file": (
        "Den Streifen allein, wie er zu sehen ist, zu einem Film auf dem Kanal darüber rendern, für Bearbeitungen, die "
        "Filme brauchen. Ein anderes Blender macht das, aus einer Kopie der Datei"
    ),
    "Choose a strip with a picture in the sequencer": "Wählen Sie im Sequenzer einen Streifen mit Bild",
    "Finish Strip": "Streifen fertigstellen",
    "Make sound for the strip, as long as it is; it lands as a strip of its own that stays with it": (
        "Ton für den Streifen erzeugen, so lang wie er ist; er landet als eigener Streifen, der bei ihm bleibt"
    ),
    "Make Sound": "Ton machen",
    (
        "Write the strip's clip in the format that is set, read it back and compare; with poster, contact sheet "
        "and provenance beside it"
    ): (
        "Den Clip des Streifens im eingestellten Format schreiben, zurücklesen und vergleichen; daneben liegen "
        "Titelbild, Kontaktbogen und Herkunft"
    ),
    "Deliver Strip": "Streifen ausliefern",
    "Stop it": "Es anhalten",
    "Stop": "Anhalten",
    "Take what is over off the panel; files and strips stay": (
        "Erledigtes aus dem Panel nehmen; Dateien und Streifen bleiben"
    ),
    "Clear": "Leeren",
    "Choose a movie strip in the sequencer": "Wählen Sie im Sequenzer einen Filmstreifen",
    "Finish": "Fertigstellen",
    "Sound": "Ton",
    "How long the shutter is open for each frame, 180° as on film, 0° for no blur": (
        "Wie lange der Verschluss für jedes Bild offen ist, 180° wie beim Film, 0° für keine Unschärfe"
    ),
    "Level Sound": "Ton einpegeln",
    "Bring the sound to a loudness": "Den Ton auf eine Lautheit bringen",
    "Loudness": "Lautheit",
    "In LUFS: −14 for most players, −16 for podcasts, −23 for broadcast": (
        "In LUFS: −14 für die meisten Player, −16 für Podcasts, −23 für Rundfunk"
    ),
    "Deliver": "Ausliefern",
    "Finishing": "Fertigstellung",
    "Repair": "Ausbessern",
    "Off": "Aus",
    "Keep the clip's size": "Die Größe des Clips behalten",
    "2×": "2×",
    "Twice the size": "Doppelte Größe",
    "4×": "4×",
    "Four times the size": "Vierfache Größe",
    "Scene": "Szene",
    "The scene's render size; of another aspect the middle fills it": (
        "Die Rendergröße der Szene; bei anderem Seitenverhältnis füllt sie die Mitte"
    ),
    "Keep the clip's frames": "Die Frames des Clips behalten",
    "Scene Rate": "Rate der Szene",
    "A frame of its own for each of the scene's, where the clip has fewer": (
        "Für jeden Frame der Szene ein eigener, wo der Clip weniger hat"
    ),
    "Slow 2×": "Zeitlupe 2×",
    "Half as fast, with twice the frames": "Halb so schnell, mit doppelt so vielen Frames",
    "Slow 4×": "Zeitlupe 4×",
    "A quarter as fast, with four times the frames": "Ein Viertel so schnell, mit viermal so vielen Frames",
    "Keep the clip's colours": "Die Farben des Clips behalten",
    "Strip Before": "Streifen davor",
    "Colours of the movie strip that ends nearest before this one": (
        "Farben des Filmstreifens, der am nächsten vor diesem endet"
    ),
    "Strip After": "Streifen danach",
    "Colours of the movie strip that begins nearest after this one": (
        "Farben des Filmstreifens, der am nächsten nach diesem beginnt"
    ),
    "Colours of a picture or clip on disk": "Farben eines Bilds oder Clips auf der Platte",
    "MP4": "MP4",
    "H.264: Blender scrubs it well": "H.264: damit spult Blender gut",
    "ProRes": "ProRes",
    "ProRes 4444 MOV: alpha is kept, hardly anything is lost": (
        "ProRes 4444 MOV: Alpha bleibt, es geht kaum etwas verloren"
    ),
    "Lossless": "Verlustfrei",
    "FFV1 MKV: nothing is lost, alpha is kept": "FFV1 MKV: nichts geht verloren, Alpha bleibt",
    "MP4 H.264": "MP4 H.264",
    "Plays everywhere": "Läuft überall",
    "MP4 H.265": "MP4 H.265",
    "Half the size of H.264": "Halb so groß wie H.264",
    "MP4 AV1": "MP4 AV1",
    "Smallest": "Am kleinsten",
    "Vertical 9:16": "Hochformat 9:16",
    "Stories, reels and shorts: 1080 × 1920, H.264, cropped around the subject": (
        "Stories, Reels und Shorts: 1080 × 1920, H.264, um das Motiv beschnitten"
    ),
    "Square 1:1": "Quadrat 1:1",
    "Feeds: 1080 × 1080, H.264, cropped around the subject": "Feeds: 1080 × 1080, H.264, um das Motiv beschnitten",
    "Wide 16:9": "Breit 16:9",
    "Players: 1920 × 1080, H.264, cropped around the subject": "Player: 1920 × 1080, H.264, um das Motiv beschnitten",
    "ProRes 422 HQ": "ProRes 422 HQ",
    "For editing": "Für den Schnitt",
    "ProRes 4444": "ProRes 4444",
    "For compositing, with alpha": "Für Compositing, mit Alpha",
    "DNxHR HQX": "DNxHR HQX",
    "FFV1": "FFV1",
    "Nothing lost": "Nichts verloren",
    "WebM VP9": "WebM VP9",
    "For web pages, with alpha": "Für Webseiten, mit Alpha",
    "GIF": "GIF",
    "To share": "Zum Teilen",
    "WebP": "WebP",
    "PNG Pictures": "PNG-Bilder",
    "A folder of pictures, nothing lost": "Ein Ordner mit Bildern, nichts verloren",
    "EXR Pictures": "EXR-Bilder",
    "A folder of pictures in linear light": "Ein Ordner mit Bildern in linearem Licht",
    "What moves in the shot, or stands out in the picture, stays inside": (
        "Was sich im Shot bewegt oder im Bild auffällt, bleibt innerhalb"
    ),
    "Middle": "Mitte",
    "The middle of the picture": "Die Mitte des Bilds",
    "At": "Bei",
    "A place that you choose": "Eine Stelle Ihrer Wahl",
    "Upscale": "Hochskalieren",
    "Make the clip larger": "Den Clip größer machen",
    "Model": "Modell",
    "An upscaler of your own: .safetensors, or the folder of a diffusion upscaler": (
        "Ein eigener Hochskalierer: .safetensors oder der Ordner eines Diffusions-Hochskalierers"
    ),
    "In-Betweens": "Zwischenbilder",
    "Frames between the clip's own": "Frames zwischen denen des Clips",
    "Stabilise": "Stabilisieren",
    "Warp small errors of a take's camera away, by the shot's depth; greyed where the strip is no take": (
        "Kleine Fehler der Kamera eines Takes mit der Tiefe des Shots ausgleichen; grau, wo der Strip kein Take ist"
    ),
    "Deflicker": "Flimmern entfernen",
    "Make brightness that jumps from frame to frame even": "Helligkeit, die von Frame zu Frame springt, ausgleichen",
    "Denoise": "Entrauschen",
    "Average noise away along motion": "Rauschen entlang der Bewegung herausmitteln",
    "Sharpen": "Schärfen",
    "Crisper, without halos": "Schärfer, ohne Säume",
    "Match Colours": "Farben angleichen",
    "Take over colours": "Farben übernehmen",
    "Picture or clip to match": "Bild oder Clip zum Angleichen",
    "Grain": "Körnung",
    "Film grain": "Filmkorn",
    "What the finished clip is kept as": "Als was der fertige Clip aufbewahrt wird",
    "What is heard, such as: rain on a street, distant thunder. Empty: what moves in the take's shot": (
        "Was zu hören ist, etwa: Regen auf einer Straße, ferner Donner. Leer: was sich im Shot des Takes bewegt"
    ),
    "Another one of the possible sounds": "Einen anderen der möglichen Töne",
    "Loop": "Schleife",
    "The end goes over into the beginning, for clips that repeat": (
        "Das Ende geht in den Anfang über, für Clips, die sich wiederholen"
    ),
    "Format": "Format",
    "What to write": "Was geschrieben wird",
    "Crop": "Beschnitt",
    "What a crop keeps": "Was beim Beschneiden erhalten bleibt",
    "0 left or top, 1 right or bottom": "0 links oder oben, 1 rechts oder unten",
    "Aspect": "Seitenverhältnis",
    "Crop to an aspect such as 9:16; empty for the clip's own": (
        "Auf ein Seitenverhältnis wie 9:16 beschneiden; leer für das des Clips"
    ),
    "As large as it was shot": "So groß, wie er gedreht wurde",
    "Twice the shot's size": "Doppelte Größe des Shots",
    "Four times the shot's size": "Vierfache Größe des Shots",
    "To Width": "Auf Breite",
    "To a width, in the shot's aspect": "Auf eine Breite, im Seitenverhältnis des Shots",
    "Warp small errors of the take's camera away, by the shot's depth": (
        "Kleine Fehler der Kamera des Takes mit der Tiefe des Shots ausgleichen"
    ),
    "Make frames between the engine's own, by the shot's depth and motion, where it makes fewer than the scene has": (
        "Frames zwischen denen der Engine machen, nach Tiefe und Bewegung des Shots, wo sie weniger macht, als die "
        "Szene hat"
    ),
    "Width of the clip; its height follows from the shot's aspect": (
        "Breite des Clips; seine Höhe folgt aus dem Seitenverhältnis des Shots"
    ),
    "Match References": "An Referenzen angleichen",
    "Take over the colours of the shot's references": "Die Farben der Referenzen des Shots übernehmen",
    "Make sound; it lands as a strip of its own below the clip": (
        "Ton erzeugen; er landet als eigener Streifen unter dem Clip"
    ),
    "Heard": "Zu hören",
    "What is heard, such as: rain on a street, distant thunder. Empty: the shot's own prompt": (
        "Was zu hören ist, etwa: Regen auf einer Straße, ferner Donner. Leer: der Prompt des Shots"
    ),
}
