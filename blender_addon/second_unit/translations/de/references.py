# SPDX-License-Identifier: GPL-3.0-or-later
"""German: References, paintings and how they fit."""

WORDS = {
    "Capture the reference's frame and have the daemon measure whether the picture shows what the camera sees": (
        "Den Frame der Referenz aufnehmen und den Daemon messen lassen, ob das Bild zeigt, was die Kamera sieht"
    ),
    "Check Fit": "Passung prüfen",
    "Stop asking, or put the answer away": "Nicht weiter fragen oder die Antwort weglegen",
    "Question": "Frage",
    "Which one": "Welche",
    "This shot has no reference yet: pin one": "Dieser Shot hat noch keine Referenz: heften Sie eine an",
    "Does It Fit?": "Passt es?",
    "None Here": "Keine hier",
    "The daemon has no engine that paints stills: fetch Z-Image or SDXL in the panel Models": (
        "Der Daemon hat keine Engine, die Standbilder malt: holen Sie Z-Image oder SDXL im Panel Modelle"
    ),
    "Capture the playhead's frame and have an image engine paint it: a picture that fits the scene, to be pinned": (
        "Den Frame an der Abspielposition aufnehmen und von einer Bild-Engine malen lassen: ein Bild, das zur "
        "Szene passt, zum Anheften"
    ),
    "Paint This Frame": "Diesen Frame malen",
    "Stop painting this picture, or put its message away": (
        "Das Malen dieses Bilds anhalten oder seine Meldung weglegen"
    ),
    "Pin this picture as a reference at the frame that it was painted for": (
        "Dieses Bild als Referenz an den Frame heften, für den es gemalt wurde"
    ),
    "Pin": "Anheften",
    "Take this picture off the list; its file stays": "Dieses Bild von der Liste nehmen; seine Datei bleibt",
    "Discard": "Verwerfen",
    "Which one; empty for the latest of the shot": "Welches; leer für das neueste des Shots",
    "There is no painted picture to pin": "Es gibt kein gemaltes Bild zum Anheften",
    "It carries the shot's references to this frame": "Trägt die Referenzen des Shots zu diesem Frame",
    "The Words": "Die Worte",
    "From the prompt alone, fitted to the scene's depth": "Aus dem Prompt allein, an die Tiefe der Szene angepasst",
    "The Scene's Colours": "Die Farben der Szene",
    "The scene as captured is repainted, as far from it as the strength says": (
        "Die aufgenommene Szene wird übermalt, so weit weg von ihr, wie die Stärke sagt"
    ),
    "A Reference": "Eine Referenz",
    "The chosen reference is repainted, as far from it as the strength says": (
        "Die gewählte Referenz wird übermalt, so weit weg von ihr, wie die Stärke sagt"
    ),
    "The Same Look": "Der gleiche Look",
    "The shot's references are carried to this frame's camera; what they lack is painted": (
        "Die Referenzen des Shots werden zur Kamera dieses Frames getragen; was ihnen fehlt, wird gemalt"
    ),
    "Frame": "Frame",
    "Scene frame that it shows": "Szenenframe, den es zeigt",
    "The painted picture": "Das gemalte Bild",
    "Capture": "Aufnahme",
    "What the camera saw there": "Was die Kamera dort sah",
    "What painted it": "Was es gemalt hat",
    "Seed of the picture": "Startwert des Bilds",
    "Engine Name": "Name der Engine",
    "What paints the picture": "Was das Bild malt",
    "From": "Aus",
    "What the picture is made from": "Woraus das Bild gemacht wird",
    "How far the picture may go from what it is made from: 0 keeps it, 1 is free": (
        "Wie weit sich das Bild von seiner Vorlage entfernen darf: 0 behält sie, 1 ist frei"
    ),
    "What the picture shows; empty: the shot's own prompt": "Was das Bild zeigt; leer: der Prompt des Shots",
    "Pictures": "Bilder",
    "How many to paint, with a seed each": "Wie viele gemalt werden, mit je einem Startwert",
    "Pin a picture on disk to the current frame": "Ein Bild von der Platte an den aktuellen Frame heften",
    "Pin Picture": "Bild anheften",
    "Pin an image of this .blend to the current frame": "Ein Bild dieser .blend-Datei an den aktuellen Frame heften",
    "Pin Image": "Blender-Bild anheften",
    "Take a picture at the current frame and pin it there; a scene without a shot gets its first": (
        "Am aktuellen Frame ein Bild machen und dort anheften; eine Szene ohne Shot bekommt ihren ersten"
    ),
    "Take Picture": "Bild machen",
    "Take the reference off the shot; the picture itself stays": "Die Referenz vom Shot nehmen; das Bild selbst bleibt",
    "Remove Reference": "Referenz entfernen",
    "Move the reference in the list": "Die Referenz in der Liste verschieben",
    "Move Reference": "Referenz verschieben",
    "Go to the frame that the reference is pinned to": "Zum Frame gehen, an den die Referenz geheftet ist",
    "Go to Frame": "Zum Frame gehen",
    "Pin the reference to the current frame": "Die Referenz an den aktuellen Frame heften",
    "Pin to Current Frame": "An aktuellen Frame heften",
    "Towards the top of the list": "Zum Anfang der Liste hin",
    "Towards the end of the list": "Zum Ende der Liste hin",
    "Viewport": "Ansicht",
    "What the 3D viewport shows through the shot's camera": "Was die 3D-Ansicht durch die Kamera des Shots zeigt",
    "Render": "Rendern",
    "A render with the scene's own settings": "Ein Rendering mit den Einstellungen der Szene",
    "Picture to pin": "Bild, das angeheftet wird",
    "Image": "Bild",
    "Name of the image to pin": "Name des Bilds, das angeheftet wird",
    "How the picture is made": "Wie das Bild gemacht wird",
    "Which way to move": "Wohin verschoben wird",
    "More that can be done with references": "Was sich mit Referenzen noch machen lässt",
    "From Viewport": "Aus Ansicht",
    "From Render": "Aus Rendering",
    "A picture on disk": "Ein Bild auf der Platte",
    "An image in this .blend": "Ein Bild in dieser .blend-Datei",
    "A picture that was taken here, from the viewport, by a render or of a strip": (
        "Ein Bild, das hier gemacht wurde, aus der Ansicht, als Rendering oder von einem Strip"
    ),
    (
        "Pin what the strip at the sequencer's playhead shows there to the current frame, of several image strips that "
        "are selected each one's picture to the frame that it begins at"
    ): (
        "Was der Strip an der Abspielposition des Sequencers dort zeigt, an den aktuellen Frame heften, von mehreren "
        "gewählten Bildstrips das Bild eines jeden an den Frame, an dem er beginnt"
    ),
    "Pin Strip's Frame": "Frame des Strips anheften",
    "Pin the image that is chosen in an asset browser to the current frame": (
        "Das Bild, das in einem Asset-Browser gewählt ist, an den aktuellen Frame heften"
    ),
    "Pin Asset": "Asset anheften",
    "Library": "Bibliothek",
    "The .blend that has the image; empty for what is chosen in an asset browser": (
        "Die .blend-Datei mit dem Bild; leer für das, was in einem Asset-Browser gewählt ist"
    ),
    "Name of the image in the library": "Name des Bilds in der Bibliothek",
    "Scene frame that the picture shows; may lie between two frames": (
        "Szenenframe, den das Bild zeigt; darf zwischen zwei Frames liegen"
    ),
    "Source": "Quelle",
    "Where the picture comes from": "Woher das Bild kommt",
    "Picture on disk": "Bild auf der Platte",
    "Image in this .blend": "Bild in dieser .blend-Datei",
    "How closely the clip keeps to this picture, for engines that can weigh it": (
        "Wie eng sich der Clip an dieses Bild hält, für Engines, die das gewichten können"
    ),
    (
        "No engine here paints from words: those are models (Z-Image, SDXL) that need a card and their weights, "
        "see the panel Models. Without a card the style network draws the scene's colours in a look, and "
        "Projection carries the look of references to this frame."
    ): (
        "Keine Engine hier malt aus Worten: das sind Modelle (Z-Image, SDXL), die eine Karte und ihre Gewichte "
        "brauchen, siehe das Panel Modelle. Ohne Karte zeichnet das Stilnetz die Farben der Szene in einem Look, "
        "und Projektion trägt den Look von Referenzen zu diesem Frame."
    ),
    "Pin the Viewport": "Viewport anheften",
    "Pin a Render": "Rendering anheften",
    "Move Reference Up": "Referenz aufwärts",
    "Move Reference Down": "Referenz abwärts",
    "The shot's own": "Der des Shots",
    "The scene as captured is drawn in the look that the words name": (
        "Die Szene, wie sie erfasst wurde, wird in dem Look gezeichnet, den die Worte nennen"
    ),
    "The chosen reference is drawn in the look that the words name": (
        "Die gewählte Referenz wird in dem Look gezeichnet, den die Worte nennen"
    ),
}
