# SPDX-License-Identifier: GPL-3.0-or-later
"""German: Cameras and their paths."""

WORDS = {
    "Make an animated camera of a camera path in a file: RealEstate10K, transforms.json, COLMAP, npz and more": (
        "Aus einem Kamerapfad in einer Datei eine animierte Kamera machen: RealEstate10K, transforms.json, COLMAP, "
        "npz und mehr"
    ),
    "Import Camera Path": "Kamerapfad importieren",
    "Write the shot's camera to a file for other programs and models; without a shot the scene's": (
        "Die Kamera des Shots für andere Programme und Modelle in eine Datei schreiben; ohne Shot die der Szene"
    ),
    "Export Camera Path": "Kamerapfad exportieren",
    "The forms of camera file, each with who reads it": "Die Arten von Kameradateien, jede mit denen, die sie lesen",
    "Detect": "Erkennen",
    "The one that fits how the cameras stand": "Die Welt, zu der die Haltung der Kameras passt",
    "Tell the form from the file": "Die Art an der Datei erkennen",
    "Z Up": "Z nach oben",
    "As in Blender": "Wie in Blender",
    "Y Down": "Y nach unten",
    "As a camera's own axes: COLMAP, RealEstate10K, paths relative to the first frame": (
        "Wie die eigenen Achsen einer Kamera: COLMAP, RealEstate10K, Pfade relativ zum ersten Frame"
    ),
    "Y Up": "Y nach oben",
    "As in OpenGL": "Wie in OpenGL",
    "File": "Datei",
    "Camera path to read": "Kamerapfad, der gelesen wird",
    "Form": "Form",
    "What kind of file it is": "Welche Art von Datei es ist",
    "World": "Welt",
    "Which way is up in the file": "Welche Richtung in der Datei oben ist",
    "Scale": "Maßstab",
    "Metres for each unit of the file": "Meter je Einheit der Datei",
    "Field of View": "Blickwinkel",
    "Horizontal, for files that do not say what the lens is": (
        "Waagerecht, für Dateien, die nichts über das Objektiv sagen"
    ),
    "First Frame": "Erster Frame",
    "Frame at which the path begins": "Frame, bei dem der Pfad beginnt",
    "Adapt Scene": "Szene anpassen",
    "Give the scene the path's picture size, pixel shape and frame range": (
        "Der Szene Bildgröße, Pixelform und Framebereich des Pfads geben"
    ),
    "File or folder to write": "Datei oder Ordner, in die geschrieben wird",
    "What kind of file to write": "Welche Art von Datei geschrieben wird",
    "Camera Path (RealEstate10K, transforms.json, COLMAP, npz)": (
        "Kamerapfad (RealEstate10K, transforms.json, COLMAP, npz)"
    ),
    "The pixels' shape changes along the path; the first frame's is taken": (
        "Die Form der Pixel ändert sich entlang des Pfads; die des ersten Frames wird genommen"
    ),
    "There is no camera: add one to the scene, or choose one in the shot": (
        "Es gibt keine Kamera: fügen Sie der Szene eine hinzu oder wählen Sie eine im Shot"
    ),
    "Animate the shot's camera over the shot's range, from where it is now; its keys stay editable": (
        "Die Kamera des Shots über dessen Bereich animieren, von da aus, wo sie jetzt ist; ihre Keyframes bleiben "
        "bearbeitbar"
    ),
    "Camera Move": "Kamerafahrt",
    "Put the shot's camera where the viewport looks from, with its field of view; adds a camera where there is none": (
        "Die Kamera des Shots dorthin setzen, von wo die Ansicht blickt, mit deren Blickwinkel; fehlt eine Kamera, "
        "wird sie hinzugefügt"
    ),
    "Camera From View": "Kamera aus Ansicht",
    "Pan": "Schwenk",
    "Turn to the left on a level tripod head": "Auf waagerechtem Stativkopf nach links drehen",
    "Tilt": "Neigen",
    "Look up": "Nach oben blicken",
    "Roll": "Rollen",
    "Turn about the view axis, clockwise": "Um die Blickachse drehen, im Uhrzeigersinn",
    "Dolly": "Fahrt",
    "Travel forward": "Vorwärts fahren",
    "Truck": "Seitfahrt",
    "Travel to the right": "Nach rechts fahren",
    "Pedestal": "Hubfahrt",
    "Travel straight up": "Senkrecht nach oben fahren",
    "Zoom": "Zoom",
    "Make the focal length longer": "Die Brennweite verlängern",
    "Dolly Zoom": "Dolly-Zoom",
    "Travel forward and zoom out, so that the subject keeps its size": (
        "Vorwärts fahren und dabei aufziehen, sodass das Motiv seine Größe behält"
    ),
    "Orbit": "Umkreisen",
    "Travel around the subject, to the right": "Rechtsherum um das Motiv fahren",
    "Crane": "Kran",
    "Rise and keep looking at the subject": "Aufsteigen und dabei das Motiv im Blick behalten",
    "Handheld": "Handkamera",
    "Sway as if carried, on top of what the camera does": (
        "Schwanken wie getragen, zusätzlich zu dem, was die Kamera tut"
    ),
    "In and Out": "Ein und aus",
    "Begin and end gently": "Sanft beginnen und enden",
    "Even": "Gleichmäßig",
    "The same speed all the way": "Die ganze Zeit gleich schnell",
    "In": "Ein",
    "Begin gently, end at full speed": "Sanft beginnen, mit vollem Tempo enden",
    "Out": "Aus",
    "Begin at full speed, end gently": "Mit vollem Tempo beginnen, sanft enden",
    "Move": "Bewegung",
    "How the camera moves": "Wie sich die Kamera bewegt",
    "Angle": "Winkel",
    "How far the camera turns": "Wie weit sich die Kamera dreht",
    "Distance": "Abstand",
    "How far the camera travels; less than zero for the other way": (
        "Wie weit die Kamera fährt; kleiner als null für die Gegenrichtung"
    ),
    "Factor": "Faktor",
    "What the focal length is multiplied by": "Womit die Brennweite malgenommen wird",
    "Strength": "Stärke",
    "How much the camera sways; 0 takes the sway away": "Wie stark die Kamera schwankt; 0 nimmt das Schwanken weg",
    "Ease": "Übergang",
    "How the move begins and ends": "Wie die Bewegung beginnt und endet",
    "End Here": "Hier enden",
    "Make the present pose the end of the move, not its beginning": (
        "Die jetzige Haltung zum Ende der Bewegung machen, nicht zu ihrem Beginn"
    ),
    "Subject": "Motiv",
    "How far away the subject is; 0 takes what the camera's middle looks at": (
        "Wie weit das Motiv entfernt ist; 0 nimmt, worauf die Mitte der Kamera blickt"
    ),
    "The shot has one frame: give it a longer range for a move": (
        "Der Shot hat einen Frame: geben Sie ihm für eine Bewegung einen längeren Bereich"
    ),
    "Use this in a 3D viewport": "Benutzen Sie dies in einer 3D-Ansicht",
    "Leave the camera's view or the orthographic one first": (
        "Verlassen Sie zuerst die Kameraansicht oder die orthografische"
    ),
    "Camera Moves": "Kamerabewegungen",
    "From View": "Aus Ansicht",
    "Import": "Importieren",
    "Export": "Exportieren",
    "Record": "Aufzeichnen",
    "Recording: fly the viewport": "Aufzeichnung läuft: fliegen Sie durch die Ansicht",
    "Record how you fly this viewport as the camera's animation; begins when the view moves, press again to end": (
        "Aufzeichnen, wie Sie diese Ansicht fliegen, als Animation der Kamera; beginnt, sobald sich die Ansicht "
        "bewegt, erneut drücken beendet es"
    ),
    "Begins when the view moves: turn it, or press Shift+` and walk": (
        "Beginnt, sobald sich die Ansicht bewegt: drehen Sie sie, oder drücken Sie Umschalt+` und gehen Sie"
    ),
    "Amount and ease: Adjust Last Operation, at the bottom left of the viewport (F9)": (
        "Stärke und Beschleunigung: Letzte Operation anpassen, unten links in der Ansicht (F9)"
    ),
    "Seconds that a recorded flight is smoothed over": "Sekunden, über die ein aufgezeichneter Flug geglättet wird",
    "Record Viewport": "Ansicht aufzeichnen",
    "Smoothing": "Glättung",
    "Seconds that the flight is smoothed over; not set: as the scene keeps it": (
        "Sekunden, über die der Flug geglättet wird; nicht gesetzt: wie die Szene es vorgibt"
    ),
    "Leave the camera's view first: what you fly is the viewport's own": (
        "Verlassen Sie zuerst die Kameraansicht: geflogen wird die freie Ansicht"
    ),
}
